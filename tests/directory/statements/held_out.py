"""Statements of purpose for which the rules of the import were not made.

They were written down before the rules, in the words and order that homes use, and the rules are
not changed for them: what is right here is what can be hoped for of a stranger's file. The last one
goes by paragraphs that others wrote: Schedule 1 to the Children's Homes Regulations (Northern
Ireland) 2005, much as England's of 2001 had them, by which many statements are still headed. Each
section is a heading, the matter of Schedule 1 that it is about (none: no matter), and what stands
there.
"""

from tests.directory.statements.corpus import Document

HELD_OUT = (
    Document(
        "a small provider's, in its own words",
        "word styles",
        (
            ("Welcome to Larch View", None, "This booklet tells you about our home."),
            ("Who we care for", "needs", "We look after young people who have lived with loss."),
            (
                "Our philosophy and what we want for every young person",
                "ethos",
                "We believe in patience, and in ordinary days that add up.",
            ),
            (
                "The house",
                "accommodation",
                "There are four rooms upstairs, each with a wash basin, and a den.",
            ),
            ("Where we are", "location", "The home is in a quiet part of a market town."),
            (
                "Faith, identity and language",
                "culture",
                "Festivals are kept, and food is cooked as families cook it.",
            ),
            (
                "If you are not happy with us",
                "complaints",
                "Ring the manager first. A copy of the procedure hangs in the hall.",
            ),
            (
                "Getting hold of our safeguarding and behaviour policies",
                "policies",
                "Ask any member of the team and they will send them on.",
            ),
            (
                "Having a say",
                "consultation",
                "House meetings are on Sundays, and the notes are acted on.",
            ),
            (
                "Equality, diversity and children’s rights",
                "rights",
                "Nobody is treated as less for who they are.",
            ),
            (
                "Helping young people with SEND",
                "special-needs",
                "Plans are read with the teacher, and quiet work is set up at home.",
            ),
            (
                "Getting to school and doing well there",
                "schooling",
                "We take everybody there each morning and read with them at night.",
            ),
            ("Hobbies, clubs and holidays", "activities", "Boxing, fishing, and a week in Wales."),
            (
                "Staying healthy, and our therapist",
                "health",
                "A clinical psychologist is here on two days and is supervised monthly.",
            ),
            (
                "Keeping in touch with family and friends",
                "contact",
                "Visits are welcome, and calls are private.",
            ),
            (
                "Cameras and door alarms",
                "surveillance",
                "There are none inside. Doors sound at night.",
            ),
            (
                "How we manage behaviour, and holding a child safely",
                "behaviour",
                "All are trained each year, and each hold is written down and talked through.",
            ),
            (
                "Who is in charge",
                "people",
                "The company is Larch Ltd; its responsible individual is J. Doe.",
            ),
            (
                "The team’s experience and training",
                "qualifications",
                "Eight of ten hold the diploma.",
            ),
            (
                "How the team is organised and supervised",
                "structure",
                "Two leaders, one on each shift, report to the manager.",
            ),
            (
                "Coming to live here",
                "admission",
                "We read the referral, think of the group, and visit.",
            ),
            ("Fire precautions", None, "Drills are held each quarter."),
        ),
    ),
    Document(
        "a group of homes', numbered, in capitals",
        "capitals, portable",
        (
            ("1.0 INTRODUCTION", None, "This document is reviewed every year."),
            ("2.0 CHILDREN’S NEEDS WE CAN MEET", "needs", "Up to four boys with complex trauma."),
            (
                "3.0 AIMS, VALUES AND INTENDED OUTCOMES",
                "ethos",
                "Our values are warmth and honesty.",
            ),
            (
                "4.0 ACCOMMODATION AND FACILITIES",
                "accommodation",
                "Single rooms; ages ten to seventeen.",
            ),
            ("5.0 LOCATION AND COMMUNITY", "location", "On the edge of a city, well served."),
            (
                "6.0 RELIGIOUS OBSERVANCE AND CULTURAL IDENTITY",
                "culture",
                "A prayer room can be made.",
            ),
            (
                "7.0 REPRESENTATIONS AND COMPLAINTS",
                "complaints",
                "The manager answers within ten days.",
            ),
            (
                "8.0 ACCESS TO POLICIES AND PROCEDURES",
                "policies",
                "They are sent to any professional.",
            ),
            (
                "9.0 PARTICIPATION OF YOUNG PEOPLE",
                "consultation",
                "Keyworkers ask each week, and we act.",
            ),
            ("10.0 ANTI-DISCRIMINATORY PRACTICE", "rights", "We challenge it when we hear it."),
            ("11.0 EDUCATION", "schooling", "All attend mainstream or specialist provision."),
            ("12.0 LEISURE AND RECREATION", "activities", "There is a budget for each child."),
            ("13.0 HEALTHCARE AND THERAPEUTIC SERVICES", "health", "Talking therapy is offered."),
            (
                "14.0 CONTACT ARRANGEMENTS",
                "contact",
                "We drive children to see brothers and sisters.",
            ),
            (
                "15.0 ELECTRONIC MONITORING AND CCTV",
                "surveillance",
                "One at the gate, none in the house.",
            ),
            (
                "16.0 POSITIVE HANDLING AND DE-ESCALATION",
                "behaviour",
                "Staff are assessed every six months.",
            ),
            (
                "17.0 REGISTERED PERSONS",
                "people",
                "The manager is registered; the provider is a company.",
            ),
            (
                "18.0 STAFF TEAM: QUALIFICATIONS AND EXPERIENCE",
                "qualifications",
                "Level 3 or above.",
            ),
            (
                "19.0 ORGANISATIONAL STRUCTURE AND LINE MANAGEMENT",
                "structure",
                "Supervision is monthly.",
            ),
            (
                "20.0 GENDER BALANCE OF THE TEAM",
                "role-models",
                "Most are women; men from clubs help.",
            ),
            (
                "21.0 REFERRAL, MATCHING AND ADMISSION",
                "admission",
                "No child comes in an emergency.",
            ),
            ("22.0 DOCUMENT CONTROL", None, "Version 7."),
        ),
    ),
    Document(
        "an authority's own, in tables",
        "tables",
        (
            ("Type of need", "needs", "Short breaks for children with physical disabilities."),
            (
                "Vision, mission and model of care",
                "ethos",
                "We use one model, and all are trained in it.",
            ),
            (
                "Premises, bedrooms and adaptations",
                "accommodation",
                "A lift, hoists, and six single rooms.",
            ),
            ("Neighbourhood and transport links", "location", "Buses run to the centre."),
            (
                "Meeting cultural and dietary requirements",
                "culture",
                "Halal and kosher food is bought.",
            ),
            ("Comments, compliments and complaints", "complaints", "A form is in each room."),
            (
                "Child protection, anti-bullying and missing policies",
                "policies",
                "Copies can be had from the office.",
            ),
            (
                "Listening to children",
                "consultation",
                "Those who do not speak are asked with pictures.",
            ),
            ("Valuing difference", "rights", "Families are met as they are."),
            (
                "Support for special educational needs",
                "special-needs",
                "Speech therapists come to the home.",
            ),
            (
                "Learning and achievement",
                "schooling",
                "Taxis take children to their own schools.",
            ),
            ("Play, sport and the arts", "activities", "A sensory garden and a pool nearby."),
            ("Medical and nursing care", "health", "Two nurses, who are supervised by the trust."),
            ("Parents, brothers and sisters", "contact", "Family may come on any day."),
            ("Use of listening devices at night", "surveillance", "With consent, and reviewed."),
            (
                "Behaviour support and physical intervention",
                "behaviour",
                "Plans are agreed with parents.",
            ),
            (
                "Responsible individual and registered manager",
                "people",
                "Both work for the council.",
            ),
            ("Workforce skills", "qualifications", "All are trained in feeding and moving."),
            ("Staffing arrangements and supervision", "structure", "One to one by day."),
            ("How places are allocated", "admission", "A panel meets in each month."),
            ("Finance", None, "The budget is set in spring."),
        ),
    ),
    Document(
        "a therapeutic home's, bold lines and sub-headings",
        "bold lines",
        (
            ("Statement of Purpose 2026", None, "For commissioners and families."),
            ("Our young people", "needs", "They have experienced early harm and many moves."),
            ("Therapeutic approach and ethos", "ethos", "We are informed by attachment theory."),
            (
                "What our home is like",
                "accommodation",
                "A detached house with three bedrooms for girls.",
            ),
            ("The local area", "location", "A village with a shop, in open country."),
            ("Culture, religion and heritage", "culture", "Heritage is part of life story work."),
            ("How to complain", "complaints", "Speak or write to the manager or to Ofsted."),
            (
                "Policies you can ask for",
                "policies",
                "Safeguarding and behaviour management are on request.",
            ),
            (
                "Young people’s voice",
                "consultation",
                "What they say changes menus, rooms and rules.",
            ),
            ("Respect and rights", "rights", "We teach rights as we teach cooking."),
            (
                "Our school: curriculum and staffing",
                "curriculum",
                "Three teachers follow the national curriculum.",
            ),
            (
                "Activities and interests",
                "activities",
                "Horses, climbing and music, as they choose.",
            ),
            (
                "Therapy and how we know it works",
                "health",
                "Scores are taken at three months and shared.",
            ),
            ("Family time", "contact", "It is planned with each child and reviewed."),
            ("Privacy and monitoring", "surveillance", "Phones are looked at only for safety."),
            (
                "Relationships, boundaries and restraint",
                "behaviour",
                "Repair follows each time we hold.",
            ),
            ("The organisation and its directors", "people", "It is a charity with a board."),
            ("Meet the team", "qualifications", "Each has a short biography here."),
            (
                "Rotas, roles and reflective practice",
                "structure",
                "Three by day, two by night, and a consultant.",
            ),
            ("Referrals", "admission", "We take planned moves only, after a visit."),
        ),
    ),
    Document(
        "an older one, by paragraphs of 2005",
        "large, portable",
        (
            (
                "The overall aims of the children’s home and the objectives to be attained",
                "ethos",
                "Of this, the number 1 in our list, more can be read in the house.",
            ),
            (
                "The facilities and services to be provided",
                "accommodation",
                "Of this, the number 2 in our list, more can be read in the house.",
            ),
            (
                "The name and address of the registered provider and of any registered manager",
                "people",
                "Of this, the number 3 in our list, more can be read in the house.",
            ),
            (
                "The number, relevant qualifications and experience of persons working at the home",
                "qualifications",
                "Of this, the number 4 in our list, more can be read in the house.",
            ),
            (
                "The arrangements for the supervision, training and development of employees",
                "structure",
                "Of this, the number 5 in our list, more can be read in the house.",
            ),
            (
                "The organisational structure of the home",
                "structure",
                "Of this, the number 6 in our list, more can be read in the house.",
            ),
            (
                "The criteria used for admission to the home, including emergency admissions",
                "admission",
                "Of this, the number 7 in our list, more can be read in the house.",
            ),
            (
                "The home’s underlying ethos and philosophy",
                "ethos",
                "Of this, the number 8 in our list, more can be read in the house.",
            ),
            (
                "The arrangements made to protect and promote the health of the children",
                "health",
                "Of this, the number 9 in our list, more can be read in the house.",
            ),
            (
                "The arrangements for the promotion of the education of the children",
                "schooling",
                "Of this, the number 10 in our list, more can be read in the house.",
            ),
            (
                "Participation in recreational, sporting and cultural activities",
                "activities",
                "Of this, the number 11 in our list, more can be read in the house.",
            ),
            (
                "The arrangements made for consultation with the children about its operation",
                "consultation",
                "Of this, the number 12 in our list, more can be read in the house.",
            ),
            (
                "The arrangements made for the control, restraint and discipline of children",
                "behaviour",
                "Of this, the number 13 in our list, more can be read in the house.",
            ),
            (
                "The arrangements made for child protection and to counter bullying",
                "policies",
                "Of this, the number 14 in our list, more can be read in the house.",
            ),
            (
                "Any electronic or mechanical means of surveillance",
                "surveillance",
                "Of this, the number 15 in our list, more can be read in the house.",
            ),
            (
                "The fire precautions and associated emergency procedures",
                None,
                "Of this, the number 16 in our list, more can be read in the house.",
            ),
            (
                "The arrangements for the children’s religious observance",
                "culture",
                "Of this, the number 17 in our list, more can be read in the house.",
            ),
            (
                "Arrangements for contact between a child and his parents, relatives and friends",
                "contact",
                "Of this, the number 18 in our list, more can be read in the house.",
            ),
            (
                "The arrangements for dealing with complaints",
                "complaints",
                "Of this, the number 19 in our list, more can be read in the house.",
            ),
            (
                "The arrangements for reviews of placement plans",
                None,
                "Of this, the number 20 in our list, more can be read in the house.",
            ),
            (
                "The type of accommodation, including the sleeping accommodation",
                "accommodation",
                "Of this, the number 21 in our list, more can be read in the house.",
            ),
            (
                "Details of any specific therapeutic techniques used in the home",
                "health",
                "Of this, the number 22 in our list, more can be read in the house.",
            ),
            (
                "Policy in relation to anti-discriminatory practice and children’s rights",
                "rights",
                "Of this, the number 23 in our list, more can be read in the house.",
            ),
        ),
    ),
)
